"""One model for several editors: the first server that loads a model also answers for the others.

    host    the server that has the model: its lanes do its own work and the guests'
    guest   a server that asks the host; what it holds is a `Model` like any other
    meeting where they find each other: a lock that the host holds while it lives, and a socket

When the host ends, a guest takes the lock and loads the model itself. No process stays behind, and alone a
server is one process with its model inside.
"""
