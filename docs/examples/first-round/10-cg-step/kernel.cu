__global__ void cg_multiply(int n, const double *a, const double *p, double *ap) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        double sum = 0.0;
        for (int j = 0; j < n; j++) sum += a[i * n + j] * p[j];
        ap[i] = sum;
    }
}

__global__ void cg_dot(int n, const double *u, const double *v, double *result) {
    __shared__ double part[64];
    int t = threadIdx.x;
    double sum = 0.0;
    for (int i = t; i < n; i += blockDim.x) sum += u[i] * v[i];
    part[t] = sum;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if (t < half) part[t] += part[t + half];
        __syncthreads();
    }
    if (t == 0) *result = part[0];
}

// y = s * x + t * y
__global__ void cg_combine(int n, double s, const double *x, double t, double *y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = s * x[i] + t * y[i];
}
