void prime_flags(int *flags, int n) {
    for (int i = 0; i < n; i++) {
        flags[i] = i >= 2;
        for (int d = 2; d * d <= i; d++) {
            if (i % d == 0) {
                flags[i] = 0;
            }
        }
    }
}
