"""How good a mask is: per case, per class, and the means with what they leave out."""
