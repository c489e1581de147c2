"""What people and programs ask for, and the JSON forms they are given, the same on every face."""
