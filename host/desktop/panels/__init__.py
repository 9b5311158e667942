"""The panels; each knows its model and the door out, none knows another."""
