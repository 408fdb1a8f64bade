//// features: sorting in global memory, a flag read back after every launch
//// sequential
#include <algorithm>
int odd_even_sort(int *values, int n) {
    sort(values, values + n);
    return is_sorted(values, values + n);
}
//// kernel
__global__ void exchange(int *values, int n, int phase, int *changed) {
    int i = 2 * (blockIdx.x * blockDim.x + threadIdx.x) + phase;
    if (i + 1 >= n) return;
    int a = values[i], b = values[i + 1];
    if (a <= b) return;
    values[i] = b, values[i + 1] = a;
    *changed = 1;
}
//// wrapper
int odd_even_sort_cuda(int *values, int n) {
    int *d_values, *d_changed, changed = 1;
    cudaMalloc(&d_values, n * sizeof(int));
    cudaMalloc(&d_changed, sizeof(int));
    cudaMemcpy(d_values, values, n * sizeof(int), cudaMemcpyHostToDevice);
    while (changed) {
        cudaMemset(d_changed, 0, sizeof(int));
        for (int phase = 0; phase < 2; phase++) exchange<<<(n / 2 + 8) / 8, 8>>>(d_values, n, phase, d_changed);
        cudaMemcpy(&changed, d_changed, sizeof(int), cudaMemcpyDeviceToHost);
    }
    cudaMemcpy(values, d_values, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_values);
    cudaFree(d_changed);
    return 1;
}
//// tests
int values[7] = {9, 8, 7, 6, 5, 4, 3};
wrapper(FUNCTION, values, 7);
---
int values[50];
for (int i = 0; i < 50; i++) values[i] = i * 37 % 53;
wrapper(FUNCTION, values, 50);
