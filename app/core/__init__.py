"""What every room stands on: time, database, refusals, audit, mail, blobs, crypto. It knows no HTTP."""
