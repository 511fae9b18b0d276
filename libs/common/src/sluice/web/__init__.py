"""What every HTTP app of ours shares: problems, who is asking, health. Needs `sluice[web]`."""
