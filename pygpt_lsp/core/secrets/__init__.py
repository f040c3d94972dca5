"""Finding secrets in texts, and the names that stand for them while a text is away."""
