"""The only package that knows pygls and lsprotocol: one module a feature, positions converted at the edge."""
