void forward_difference(const float *x, float *d, int n) {
    for (int i = 0; i < n; i++) {
        d[i] = i + 1 < n ? x[i + 1] - x[i] : 0.0f;
    }
}
