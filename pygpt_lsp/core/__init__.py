"""The rules of the product: pure Python, standard library only, no I/O, no clock.

Nothing here opens a file, reads the time or knows the editor protocol, so every rule can be tested as a
function of its arguments.
"""
