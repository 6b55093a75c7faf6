# The Python peer of the kernel bench: the document's formula, a picture by putpixel, saved by Pillow.
#
# Reads lines "julia width height iterations xa xb ya yb cx cy" and answers each with
# "<CPU ms of the loop> <wall ms of loop, pixels and save> <sum of counts>"; "-" where Pillow is missing.
import io
import sys
import time

try:
    from PIL import Image
except ImportError:
    Image = None


def loop(width, height, iterations, xa, xb, ya, yb, c, put):
    total = 0
    for y in range(height):
        zy = y * (yb - ya) / (height - 1) + ya
        for x in range(width):
            zx = x * (xb - xa) / (width - 1) + xa
            z = complex(zx, zy)
            for i in range(iterations):
                if abs(z) > 2.0:
                    break
                z = z * z + c
            total += i
            if put:
                put((x, y), (i % 8 * 32, i % 16 * 16, i % 32 * 8))
    return total


print("Python %d.%d.%d%s" % (*sys.version_info[:3], " with Pillow" if Image else ""), flush=True)
for line in sys.stdin:
    _, width, height, iterations, *rest = line.split()
    size = int(width), int(height)
    xa, xb, ya, yb, cx, cy = map(float, rest)
    start = time.process_time()
    total = loop(*size, int(iterations), xa, xb, ya, yb, complex(cx, cy), None)
    loop_ms = (time.process_time() - start) * 1e3
    whole_ms = "-"
    if Image:
        start = time.perf_counter()
        image = Image.new("RGB", size)
        loop(*size, int(iterations), xa, xb, ya, yb, complex(cx, cy), image.putpixel)
        image.save(io.BytesIO(), "PNG")
        whole_ms = "%.3f" % ((time.perf_counter() - start) * 1e3)
    print("%.3f %s %d" % (loop_ms, whole_ms, total), flush=True)
