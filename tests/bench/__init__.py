"""The figures, measured the same way for every console: a pty of 160×50 drawn on an emulated screen."""
