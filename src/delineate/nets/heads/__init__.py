"""One file per head: what turns a backbone's maps into logits."""
