"""Jobs of modules, which run beside them on threads, and what they share: channels, locks, pools."""
