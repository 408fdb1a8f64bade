//// features: recursion in device code: Ackermann, and quicksort in place
//// sequential
#include <algorithm>
int recursion(int *values, int n) {
    sort(values, values + n);
    // ackermann(2, k) is 2 k + 3.
    return 2 * n + 3;
}
//// kernel
__device__ int ackermann(int m, int n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}
__device__ void quicksort(int *v, int from, int to) {
    if (from >= to) return;
    int pivot = v[(from + to) / 2], i = from, j = to;
    while (i <= j) {
        while (v[i] < pivot) i++;
        while (v[j] > pivot) j--;
        if (i <= j) {
            int kept = v[i];
            v[i++] = v[j];
            v[j--] = kept;
        }
    }
    quicksort(v, from, j);
    quicksort(v, i, to);
}
__global__ void recurse(int *values, int n, int *result) {
    quicksort(values, 0, n - 1);
    *result = ackermann(2, n);
}
//// wrapper
int recursion_cuda(int *values, int n) {
    int *d_values, *d_result, result;
    cudaMalloc(&d_values, n * sizeof(int));
    cudaMalloc(&d_result, sizeof(int));
    cudaMemcpy(d_values, values, n * sizeof(int), cudaMemcpyHostToDevice);
    recurse<<<1, 1>>>(d_values, n, d_result);
    cudaMemcpy(values, d_values, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(&result, d_result, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_values);
    cudaFree(d_result);
    return result;
}
//// tests
int values[5] = {5, 3, 9, 1, 3};
wrapper(FUNCTION, values, 5);
---
int values[20];
for (int i = 0; i < 20; i++) values[i] = i * 31 % 17;
wrapper(FUNCTION, values, 20);
