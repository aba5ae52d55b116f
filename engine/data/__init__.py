"""The data that trials read: sunspot series and text corpora."""
