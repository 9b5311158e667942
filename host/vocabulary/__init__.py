"""The words that every other package uses: plain frozen data and errors, no behaviour that waits or touches a disk."""
