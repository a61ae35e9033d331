"""The loop: steps, schedule, checkpoints, and what a person sees meanwhile."""
