__global__ void polynomial_kernel(double *x, double *y, int n, const double *coefficient, int degree) {
    int i = blockDim.x * blockIdx.x + threadIdx.x;
    if (i < n) {
        double value = coefficient[degree];
        for (int k = degree - 1; k >= 0; k--) {
            value = value * x[i] + coefficient[k];
        }
        x[i] = value;
    }
}
