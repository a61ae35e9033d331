"""The words everything is written in: geometry, volume, labels, registry, errors, files, memory, units."""
