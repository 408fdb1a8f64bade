//// features: cudaMallocManaged, host and device take turns
//// sequential
int managed_array(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += (i + 1) * (i + 1) + 1;
    return sum;
}
//// kernel
__global__ void square(int *values, int n) {
    for (int i = threadIdx.x; i < n; i += blockDim.x) values[i] *= values[i];
}
//// wrapper
int managed_array_cuda(int n) {
    int *values, sum = 0;
    cudaMallocManaged(&values, n * sizeof(int));
    for (int i = 0; i < n; i++) values[i] = i + 1;
    square<<<1, 32>>>(values, n);
    cudaDeviceSynchronize();
    for (int i = 0; i < n; i++) values[i]++;
    for (int i = 0; i < n; i++) sum += values[i];
    cudaFree(values);
    return sum;
}
//// tests
wrapper(FUNCTION, 10);
---
wrapper(FUNCTION, 1);
---
wrapper(FUNCTION, 700);
