"""The mathematics in pure NumPy: no files, no processes, no TensorFlow.

How the numbers are made:

- Forecasts, by the report's protocol: min-max scaling over the whole series, the first 80 % for
  training, non-overlapping windows of ``time_steps`` values with the next value as target,
  SimpleRNN → Dense, mean squared error, Adam; RMSE in scaled units. That leaves 28 to 56 test
  points, and repeating the last value (persistence) scores about as well: both are shown.
- Texts, by the report's program: lines stripped and in lower case, ASCII only, joined by spaces;
  one-hot windows of SEQLEN characters → SimpleRNN → Dense → softmax, categorical cross-entropy,
  RMSprop; greedy text from a random window after every iteration. Other texts keep all letters.
- Several seeds: each gives bit for bit what it gives alone. Tables show mean ± sd; the plot shows
  the seed with the lower median test RMSE.
- Every random draw derives from the seed, its purpose and the epoch.
- What the report does not state (the optimizers; units and batch size of the character model) is
  marked as assumed.
"""
