__global__ void find_keys_kernel(const int *sorted, int n, const int *keys, int *where, int m) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k >= m) return;
    int key = keys[k];
    int found = -1;
    int low = 0, high = n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (sorted[middle] == key) {
            found = middle;
            break;
        }
        if (sorted[middle] < key) {
            low = middle;
        } else {
            high = middle;
        }
    }
    where[k] = found;
}
