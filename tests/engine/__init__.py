"""Tests of the stream's codec and transports, of the engine, and of the console's link to it."""
