// Part of the prelude; programs may still include it by name.
