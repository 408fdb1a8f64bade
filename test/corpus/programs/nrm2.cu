//// features: blas, reduction, double, square root rounded as IEEE says
//// sequential
double nrm2(const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}
//// kernel
__global__ void nrm2_kernel(const double *x, int n, double *result) {
    __shared__ double sums[64];
    double sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) sum += x[i] * x[i];
    sums[threadIdx.x] = sum;
    for (int step = 1; step < blockDim.x; step *= 2) {
        __syncthreads();
        if (threadIdx.x % (2 * step) == 0) sums[threadIdx.x] += sums[threadIdx.x + step];
    }
    if (threadIdx.x == 0) result[0] = sqrt(sums[0]);
}
//// wrapper
double nrm2_cuda(const double *x, int n) {
    double *d_x, *d_result, result;
    cudaMalloc(&d_x, n * sizeof *d_x);
    cudaMalloc(&d_result, sizeof *d_result);
    cudaMemcpy(d_x, x, n * sizeof *x, cudaMemcpyHostToDevice);
    nrm2_kernel<<<1, 64>>>(d_x, n, d_result);
    cudaMemcpy(&result, d_result, sizeof result, cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_result);
    return result;
}
//// tests
double x[2] = {3, 4};
wrapper(FUNCTION, x, 2);
---
cout << setprecision(17);
double x[100];
for (int i = 0; i < 100; i++) x[i] = i - 31;
wrapper(FUNCTION, x, 100);
---
cout << setprecision(17);
double x[3] = {1, 1, 0};
wrapper(FUNCTION, x, 3);
