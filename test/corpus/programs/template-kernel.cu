//// features: kernel templates over types and sizes, explicit and deduced arguments
//// sequential
double template_kernel(int *i, float *f, double *d, int n) {
    double sum = 0;
    for (int k = 0; k < n; k++) {
        i[k] = i[k] * 3 + 4, f[k] = f[k] * 0.5f + 4, d[k] = d[k] * 0.25 + 4;
        sum += i[k] + f[k] + d[k];
    }
    return sum;
}
//// kernel
template <typename T, int Plus>
__global__ void scale(T *values, T by, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) values[i] = values[i] * by + T(Plus);
}
template <typename T>
__global__ void sum_into(const T *values, int n, double *sum) {
    for (int i = 0; i < n; i++) *sum += values[i];
}
//// wrapper
template <typename T>
void scale_on_device(T *values, T by, int n, double *d_sum) {
    T *device;
    cudaMalloc(&device, n * sizeof(T));
    cudaMemcpy(device, values, n * sizeof(T), cudaMemcpyHostToDevice);
    scale<T, 4><<<(n + 7) / 8, 8>>>(device, by, n);
    sum_into<<<1, 1>>>(device, n, d_sum);
    cudaMemcpy(values, device, n * sizeof(T), cudaMemcpyDeviceToHost);
    cudaFree(device);
}
double template_kernel_cuda(int *i, float *f, double *d, int n) {
    double *d_sum, sum;
    cudaMalloc(&d_sum, sizeof sum);
    cudaMemset(d_sum, 0, sizeof sum);
    scale_on_device(i, 3, n, d_sum);
    scale_on_device(f, 0.5f, n, d_sum);
    scale_on_device<double>(d, 0.25, n, d_sum);
    cudaMemcpy(&sum, d_sum, sizeof sum, cudaMemcpyDeviceToHost);
    cudaFree(d_sum);
    return sum;
}
//// tests
int i[3] = {1, 2, 3};
float f[3] = {1, 2, 3};
double d[3] = {1, 2, 3};
wrapper(FUNCTION, i, f, d, 3);
---
int i[20];
float f[20];
double d[20];
for (int k = 0; k < 20; k++) i[k] = k, f[k] = k, d[k] = k;
wrapper(FUNCTION, i, f, d, 20);
