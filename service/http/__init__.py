"""The application: its middleware, its pages, its metrics, and how it is served."""
