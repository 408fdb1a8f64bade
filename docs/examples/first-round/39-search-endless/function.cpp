void find_keys(const int *sorted, int n, const int *keys, int *where, int m) {
    for (int k = 0; k < m; k++) {
        where[k] = -1;
        for (int i = 0; i < n; i++) {
            if (sorted[i] == keys[k]) {
                where[k] = i;
            }
        }
    }
}
