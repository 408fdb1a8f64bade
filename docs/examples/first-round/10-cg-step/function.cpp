double cg_step(int n, const double *a, double *x, double *r, double *p) {
    double rr = 0.0, pap = 0.0, rr_new = 0.0;
    for (int i = 0; i < n; i++) {
        double ap = 0.0;
        for (int j = 0; j < n; j++) {
            ap += a[i * n + j] * p[j];
        }
        pap += p[i] * ap;
        rr += r[i] * r[i];
    }
    double alpha = rr / pap;
    for (int i = 0; i < n; i++) {
        double ap = 0.0;
        for (int j = 0; j < n; j++) {
            ap += a[i * n + j] * p[j];
        }
        x[i] += alpha * p[i];
        r[i] -= alpha * ap;
    }
    for (int i = 0; i < n; i++) {
        rr_new += r[i] * r[i];
    }
    double beta = rr_new / rr;
    for (int i = 0; i < n; i++) {
        p[i] = r[i] + beta * p[i];
    }
    return rr_new;
}
