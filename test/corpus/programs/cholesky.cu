//// features: matrices, barriers in a loop with a changing number of workers, double
//// sequential
void cholesky(const double *a, double *l, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            if (j > i) {
                l[i * n + j] = 0;
                continue;
            }
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
            l[i * n + j] = i == j ? sqrt(sum) : sum / l[j * n + j];
        }
}
//// kernel
__global__ void cholesky_kernel(double *a, int n) {
    int row = threadIdx.x;
    for (int k = 0; k < n; k++) {
        if (row == k) a[k * n + k] = sqrt(a[k * n + k]);
        __syncthreads();
        if (row > k) a[row * n + k] /= a[k * n + k];
        __syncthreads();
        if (row > k)
            for (int j = k + 1; j <= row; j++) a[row * n + j] -= a[row * n + k] * a[j * n + k];
        __syncthreads();
    }
    for (int j = row + 1; j < n; j++) a[row * n + j] = 0;
}
//// wrapper
void cholesky_cuda(const double *a, double *l, int n) {
    double *d_a;
    cudaMalloc(&d_a, n * n * sizeof(double));
    cudaMemcpy(d_a, a, n * n * sizeof(double), cudaMemcpyHostToDevice);
    cholesky_kernel<<<1, n>>>(d_a, n);
    cudaMemcpy(l, d_a, n * n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
}
//// tests
double a[9] = {4, 12, -16, 12, 37, -43, -16, -43, 98}, l[9];
wrapper(FUNCTION, a, l, 3);
---
double a[36], l[36];
for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) a[i * 6 + j] = min(i, j) + 1;
wrapper(FUNCTION, a, l, 6);
