//// features: blas, reduction, static shared memory, two kernels, double
//// sequential
double dot_two_stages(const double *x, const double *y, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}
//// kernel
#define THREADS 32
__global__ void dot_blocks(const double *x, const double *y, double *partial, int n) {
    __shared__ double cache[THREADS];
    double sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += x[i] * y[i];
    cache[threadIdx.x] = sum;
    __syncthreads();
    for (int half = THREADS / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) cache[threadIdx.x] += cache[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) partial[blockIdx.x] = cache[0];
}
__global__ void dot_total(const double *partial, int blocks, double *total) {
    double sum = 0;
    for (int i = 0; i < blocks; i++) sum += partial[i];
    *total = sum;
}
//// wrapper
double dot_two_stages_cuda(const double *x, const double *y, int n) {
    const int blocks = 4;
    double *d_x, *d_y, *d_partial, *d_total, total = 0;
    cudaMalloc((void **)&d_x, n * sizeof(double));
    cudaMalloc((void **)&d_y, n * sizeof(double));
    cudaMalloc((void **)&d_partial, blocks * sizeof(double));
    cudaMalloc((void **)&d_total, sizeof(double));
    cudaMemcpy(d_x, x, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_y, y, n * sizeof(double), cudaMemcpyHostToDevice);
    dot_blocks<<<blocks, THREADS>>>(d_x, d_y, d_partial, n);
    dot_total<<<1, 1>>>(d_partial, blocks, d_total);
    cudaMemcpy(&total, d_total, sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_x), cudaFree(d_y), cudaFree(d_partial), cudaFree(d_total);
    return total;
}
//// tests
double x[4] = {1, 2, 3, 4}, y[4] = {4, 3, 2, 1};
wrapper(FUNCTION, x, y, 4);
---
double x[300], y[300];
for (int i = 0; i < 300; i++) x[i] = i, y[i] = 1.0 / 8 * (i % 5 - 2);
cout << setprecision(17);
wrapper(FUNCTION, x, y, 300);
