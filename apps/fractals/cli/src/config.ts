/** What the command line takes from the environment. */
export const environment = {
  endpointUrl: process.env["FAAFO_ENDPOINT_URL"] || "http://localhost",
};
