# --- what changed on the host of late
over 7000 || { places; changed; }
