void polynomial(double *x, double *y, int n, const double *coefficient, int degree) {
    for (int i = 0; i < n; i++) {
        double value = coefficient[degree];
        for (int k = degree - 1; k >= 0; k--) {
            value = value * x[i] + coefficient[k];
        }
        y[i] = value;
    }
}
