// The description of the interface, shown by Swagger UI from this very server.
const address = new URL("../../../openapi.json", import.meta.url).href;

addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({ url: address, dom_id: "#ui", deepLinking: true, docExpansion: "list", defaultModelsExpandDepth: -1 });
});
