"""A large operation's month and the web server that publishes it, for the organiser's bench."""
