//// features: a host pointer in a kernel is an illegal address; the error sticks, copies and launches after it do nothing
//// sequential
void illegal_address(int *values, int *codes, int wrong) {
    // 700: illegal address. From then on every call says so, and cudaGetLastError does not clear it.
    for (int i = 0; i < 4; i++) values[i] += wrong ? 0 : 1;
    for (int i = 0; i < 5; i++) codes[i] = wrong ? 700 : 0;
}
//// kernel
__global__ void increment(int *values) { values[threadIdx.x]++; }
//// wrapper
void illegal_address_cuda(int *values, int *codes, int wrong) {
    int *d_values;
    cudaMalloc(&d_values, 4 * sizeof(int));
    cudaMemcpy(d_values, values, 4 * sizeof(int), cudaMemcpyHostToDevice);
    int *pageable = (int *)malloc(4 * sizeof(int));
    increment<<<1, 4>>>(wrong ? pageable : d_values);
    codes[0] = cudaDeviceSynchronize();
    codes[1] = cudaGetLastError();
    codes[2] = cudaGetLastError();
    codes[3] = cudaMemcpy(values, d_values, 4 * sizeof(int), cudaMemcpyDeviceToHost);
    codes[4] = cudaFree(d_values);
    free(pageable);
}
//// tests
int values[4] = {1, 2, 3, 4}, codes[5];
wrapper(FUNCTION, values, codes, 0);
---
int values[4] = {1, 2, 3, 4}, codes[5];
wrapper(FUNCTION, values, codes, 1);
