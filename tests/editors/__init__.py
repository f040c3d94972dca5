"""The main job in real editors: keys go in at one end, saved files and the history are read at the other."""
