"""What one running server owns: `session.py` puts it together, a module for each part.

Nothing here knows the editor protocol. Whatever there is to say to the user goes through `notices.py`, and
services that need heavy libraries are imported at their first use, never at start.
"""
