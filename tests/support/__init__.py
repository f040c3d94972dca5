"""What the tests share: recorded clients, a scripted API, a client that plays an editor."""
