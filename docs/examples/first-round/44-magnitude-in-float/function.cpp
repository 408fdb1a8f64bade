void magnitudes(const double *x, const double *y, double *out, int n) {
    for (int i = 0; i < n; i++) {
        out[i] = sqrt(x[i] * x[i] + y[i] * y[i]);
    }
}
