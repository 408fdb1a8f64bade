//// features: sorting, one bit a pass, ballot and popcount within a warp, keys with values
//// sequential
#include <algorithm>
void radix_sort(unsigned *key, int *value, int n) {
    vector<pair<unsigned, int>> rows;
    for (int i = 0; i < n; i++) rows.push_back({key[i], value[i]});
    stable_sort(rows.begin(), rows.end(), [](auto &a, auto &b) { return a.first < b.first; });
    for (int i = 0; i < n; i++) key[i] = rows[i].first, value[i] = rows[i].second;
}
//// kernel
__global__ void radix(unsigned *key, int *value, int n) {
    __shared__ unsigned keys[32];
    __shared__ int values[32];
    int t = threadIdx.x;
    unsigned k = t < n ? key[t] : 0xffffffffu;
    int v = t < n ? value[t] : 0;
    for (int bit = 0; bit < 32; bit++) {
        bool one = k >> bit & 1;
        unsigned ones = __ballot_sync(0xffffffffu, one), below = (1u << t) - 1;
        int zeros = 32 - __popc(ones);
        int place = one ? zeros + __popc(ones & below) : __popc(~ones & below);
        keys[place] = k;
        values[place] = v;
        __syncwarp();
        k = keys[t];
        v = values[t];
        __syncwarp();
    }
    if (t < n) key[t] = k, value[t] = v;
}
//// wrapper
void radix_sort_cuda(unsigned *key, int *value, int n) {
    unsigned *d_key;
    int *d_value;
    cudaMalloc(&d_key, n * sizeof(unsigned));
    cudaMalloc(&d_value, n * sizeof(int));
    cudaMemcpy(d_key, key, n * sizeof(unsigned), cudaMemcpyHostToDevice);
    cudaMemcpy(d_value, value, n * sizeof(int), cudaMemcpyHostToDevice);
    radix<<<1, 32>>>(d_key, d_value, n);
    cudaMemcpy(key, d_key, n * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaMemcpy(value, d_value, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_key);
    cudaFree(d_value);
}
//// tests
unsigned key[6] = {5, 1, 4000000000u, 1, 0, 77};
int value[6] = {0, 1, 2, 3, 4, 5};
wrapper(FUNCTION, key, value, 6);
---
unsigned key[30];
int value[30];
for (int i = 0; i < 30; i++) key[i] = i * 2654435761u >> 28, value[i] = i;
wrapper(FUNCTION, key, value, 30);
