int count_runs(const int *a, int n) {
    int runs = 0;
    for (int i = 0; i < n; i++) {
        if (a[i] != a[i + 1] || i + 1 == n) {
            runs++;
        }
    }
    return runs;
}
