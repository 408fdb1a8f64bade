__global__ void bitonic_sort_kernel(int *a, int n) {
    extern __shared__ int s[];
    int t = threadIdx.x;
    s[t] = t < n ? a[t] : INT_MAX;
    __syncthreads();
    for (int size = 2; size <= blockDim.x; size <<= 1) {
        for (int stride = size >> 1; stride > 0; stride >>= 1) {
            int other = t ^ stride;
            if (other > t) {
                bool ascending = (t & size) == 0;
                if ((s[t] > s[other]) == ascending) {
                    int kept = s[t];
                    s[t] = s[other];
                    s[other] = kept;
                }
            }
            __syncthreads();
        }
    }
    if (t < n) {
        a[t] = s[t];
    }
}
