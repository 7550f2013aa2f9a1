"""Trade ids that a venue did not send: open gaps, holes, and when to ask for them again."""
