// The C peer of the kernel bench: counts of Julia and Mandelbrot pictures, brute force, one thread.
// With AVX-512: six vectors of eight pixels of one row side by side, no test skipped, no FMA, the lanes
// counted by mask. Without it: one pixel after the other, which the first line of output says.
//
// Reads lines "julia|mandelbrot width height iterations xa xb ya yb cx cy" and answers each with
// "<CPU milliseconds> <sum of counts> <FNV-1a of the counts>".
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

static const double radius = 4.000000000000000888;

static uint32_t count(double x, double y, double cx, double cy, int limit) {
  int n = 0;
  for (; n < limit && x * x + y * y <= radius; n++) {
    double next = x * x - y * y + cx;
    y = x * y + x * y + cy;
    x = next;
  }
  return n;
}

#ifdef __AVX512F__
enum { VECTORS = 6, GROUP = 8 * VECTORS };

static void countGroup(const double *xs, double y, int moving, double cx, double cy, int limit, uint32_t *out) {
  __m512d zx[VECTORS], zy[VECTORS], ax[VECTORS], ay = _mm512_set1_pd(moving ? y : cy);
  __m512i counts[VECTORS];
  const __m512d four = _mm512_set1_pd(radius);
  const __m512i one = _mm512_set1_epi64(1);
#pragma GCC unroll 6
  for (int v = 0; v < VECTORS; v++) {
    __m512d px = _mm512_loadu_pd(xs + 8 * v);
    zx[v] = moving ? _mm512_setzero_pd() : px;
    zy[v] = moving ? _mm512_setzero_pd() : _mm512_set1_pd(y);
    ax[v] = moving ? px : _mm512_set1_pd(cx);
    counts[v] = _mm512_setzero_si512();
  }
  for (int n = 0; n < limit; n++) {
    __mmask8 any = 0;
#pragma GCC unroll 6
    for (int v = 0; v < VECTORS; v++) {
      __m512d xx = _mm512_mul_pd(zx[v], zx[v]), yy = _mm512_mul_pd(zy[v], zy[v]), xy = _mm512_mul_pd(zx[v], zy[v]);
      __mmask8 in = _mm512_cmp_pd_mask(_mm512_add_pd(xx, yy), four, _CMP_LE_OQ);
      any |= in;
      counts[v] = _mm512_mask_add_epi64(counts[v], in, counts[v], one);
      zx[v] = _mm512_add_pd(_mm512_sub_pd(xx, yy), ax[v]);
      zy[v] = _mm512_add_pd(_mm512_add_pd(xy, xy), ay);
    }
    if (!any) break;
  }
#pragma GCC unroll 6
  for (int v = 0; v < VECTORS; v++)
    _mm256_storeu_si256((__m256i *)(out + 8 * v), _mm512_cvtepi64_epi32(counts[v]));
}
#endif

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
#ifdef __AVX512F__
  puts("AVX-512");
#else
  puts("scalar");
#endif
  char kind[32];
  int width, height, iterations;
  double xa, xb, ya, yb, cx, cy;
  while (scanf("%31s %d %d %d %lf %lf %lf %lf %lf %lf", kind, &width, &height, &iterations, &xa, &xb, &ya, &yb, &cx, &cy) == 10) {
    int moving = strcmp(kind, "julia") != 0, limit = iterations - 1;
    uint32_t *counts = malloc(sizeof(uint32_t) * width * height);
    double *xs = malloc(sizeof(double) * width);
    memset(counts, 0, sizeof(uint32_t) * width * height);
    struct timespec start, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    for (int x = 0; x < width; x++) xs[x] = x * (xb - xa) / (width - 1) + xa;
    for (int row = 0; row < height; row++) {
      double y = row * (yb - ya) / (height - 1) + ya;
      uint32_t *out = counts + (size_t)row * width;
      int x = 0;
#ifdef __AVX512F__
      for (; width >= GROUP && x < width; x += GROUP) {
        int at = x + GROUP <= width ? x : width - GROUP;
        countGroup(xs + at, y, moving, cx, cy, limit, out + at);
      }
#endif
      for (; x < width; x++)
        out[x] = moving ? count(0, 0, xs[x], y, limit) : count(xs[x], y, cx, cy, limit);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    uint64_t sum = 0;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < (size_t)width * height; i++) {
      sum += counts[i];
      hash = (hash ^ counts[i]) * 16777619u;
    }
    printf("%.6f %llu %u\n", (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6, (unsigned long long)sum, hash);
    free(counts);
    free(xs);
  }
}
