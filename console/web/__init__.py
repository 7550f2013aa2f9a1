"""The pages: routes, templates, live events, and what a request may ask."""
